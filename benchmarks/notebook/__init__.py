"""Reading a workspace's rows into frames: beside the server's own COPY, and what others read them by."""
