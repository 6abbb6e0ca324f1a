"""Files of people: what requesters and labelers write, and what they are handed.

    round_file            what a requester writes to open a round
    imports               its tasks, from the files of many programs
    tasks                 these with what labelers see of them
    task_pool             these as published, item by item, with known answers
    gold_choice           which of the known answers are gold tasks
    answers               a labeler's answers
    asked                 what a round asks: its question and its items
    item_text             an item, and the answer to it, in plain text
    recorded_answers      those of a crowd
    work_units            the rounds that these suggest
    task_text             a task as people read it
    manifest_file         the published tasks, from a file or a URL
    media_files           files that tasks name, as what goes with them
    published             tasks and their media as files that go by their content
    media_copies          the media of tasks, verified, for whoever answers
    offline_settlement    a whole round in one file, settled without a chain
    admission_terms       who may take a seat
    account_list          the accounts of an allow list
    table                 CSV of people, read strictly
    names                 which option or task a text means
    spreadsheet           CSV that a spreadsheet leaves alone
    plain_data            records as JSON has them

Files that only this program reads and writes are not here: see `labeler` and `transactions`.
"""
