"""What an image file holds besides its pixels, listed from its bytes, one file for each format.

The list of the file that was read is held against that of the file that was written; the difference is a note.
"""
