"""What people read of a class: scores, sheets, pages, answers that are alike."""
