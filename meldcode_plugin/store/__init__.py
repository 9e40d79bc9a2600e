"""What is kept and who may read it: the only room that speaks SQL, and the only one with keys."""
