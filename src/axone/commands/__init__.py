"""What each verb does once its words are parsed: call the package, show the answer."""
