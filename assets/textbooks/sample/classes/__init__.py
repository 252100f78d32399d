"""The book with every layout class: each page or spread shows one way in which textbooks defeat figure extractors.

`kinds.KINDS` lists the classes; a class is a function that draws its pages at the desk and leaves its gold there.
"""
