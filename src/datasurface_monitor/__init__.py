"""The monitor: a page that shows what is in force and how it runs. It reads only, through the runtime of platforms."""
