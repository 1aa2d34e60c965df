"""Where live frames go: a virtual camera, a page of their own, a pipe, a file. May import the rest of `live`."""
