"""What safety costs: the product beside a bare view on the same server, database and row sizes."""
