"""Files on disk, and what they hold: private files, text that people write, downloads.

    private      readable by their owner only, on the disk before anything is built on them
    text         YAML and JSON of people, read strictly
    values       values in JSON records, read strictly
    atomic       files that appear complete or not at all
    media        what content is by its bytes, and whether it has its hash
    download     small files from the network
    locations    where files of one user and one chain are

What a file means is not known here: see `formats`, `labeler` and `transactions`.
"""
