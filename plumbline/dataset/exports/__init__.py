"""What a dataset is written as, a file for each, and the folder of them all.

export         what they have in common: tables, and files
registry       all by name
labels         the tables of labels and answers, with `own_fields` of the requester
parquet        tables as Parquet; `delimited` and `json_lines` the labels as text
trl            rows for trainers
label_studio, argilla   labels for programs in which people label, by the `chosen` choices of items
card           the card, with the `front_matter` that `datasets` reads
folder         all of it, whole or not at all
"""
