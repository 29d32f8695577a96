"""``python -m lodestone`` is the command ``lodestone``."""

from lodestone.cli import main

if __name__ == "__main__":
    main()
