"""Views: each turns graphs into one document, and is named like its command."""
