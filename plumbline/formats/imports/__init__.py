"""Importers: from the files that people have to rows of tasks.

    registry           the table of formats, and which of them a file has
    imported           what an importer is given, and what it makes of a file
    file_question      what a file says of the question itself

    delimited, json_lines, json_list, parquet    how rows lie in a file
    label_studio, argilla, preferences           what they mean, if a program wrote them
    labeling_config    the XML with which Label Studio asks

Another format is a class in a file of its own, and its name in the table.
"""
