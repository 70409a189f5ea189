"""For authors of plugins and engines: inputs that find mistakes. Needs the extra ``testing``."""
