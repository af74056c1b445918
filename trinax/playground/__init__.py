"""The page that people use trinax with in a browser: its files, and how they are sent."""
