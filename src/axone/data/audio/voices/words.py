"""What synthetic voices speak, and which voices there are, by language."""

from __future__ import annotations

# Class -> the text that is spoken, where it is not the class itself.
DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
}
COMMANDS = {
    "en": ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"),
    "fr": ("oui", "non", "haut", "bas", "gauche", "droite", "marche", "arrêt", "stop", "avance"),
}
ACCENTS = {
    "en": ("en-us", "en", "en-us", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"),
    "fr": ("fr", "fr-be", "fr-ch"),
}
# Variants of eSpeak NG's voices that sound like people, not like robots.
VARIANTS = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "Alex", "Alicia", "Andrea", "Andy",
    "Annie", "Denis", "Diogo", "Gene", "Gene2", "Henrique", "Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael", "Mike",
    "adam", "anika", "antonio", "aunty", "belinda", "benjamin", "boris", "david", "ed", "edward", "edward2", "grandma",
    "grandpa", "gustave", "iven", "iven2", "iven3", "john", "klatt", "klatt2", "klatt3", "klatt4", "linda", "marcelo",
    "max", "michel", "miguel", "norbert", "pablo", "paul", "pedro", "quincy", "rob", "robert", "sandro", "shelby",
    "steph", "steph2", "steph3", "travis", "victor", "zac",
)  # fmt: skip
SPEED, PITCH, PITCH_RANGE = (110, 220), (20, 80), (20, 80)  # from which those of a recording are drawn
