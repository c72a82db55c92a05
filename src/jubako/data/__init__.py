"""Floor 2: from files and frames to columns, and from columns to numbers."""
