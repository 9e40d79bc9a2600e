"""The tests: same rooms and same stems as the product, and a machine room that starts real servers."""
