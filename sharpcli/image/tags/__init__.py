"""Tags as bytes: TIFF directories, Exif, IPTC and XMP, carried without being decoded and written again."""
