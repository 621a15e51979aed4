"""What several systems do alike with one kind of data: build the experiment, answer, show."""
