// The icons of the theme come from its web font: its script for them (1.5 MB) stays away.
