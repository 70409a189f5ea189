"""The pages as a site: ``python -m docs.site`` prepares them, lets zensical build, and checks what it built."""
