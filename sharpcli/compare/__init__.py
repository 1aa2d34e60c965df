"""Several enhancers on one image, as crops side by side: the comparison and its contact sheet.

May import `batch`, `scoring` and what is below; independent of `bench`, `checks`, `scaffold` and `testing`.
"""
