"""What a dataset is written as: one file for each, and a table of all in `registry`.

export       what they have in common: tables, and files
..
"""
