"""Names and places of invented people, with the letters that tell code pages apart."""

FIRST_NAMES = [
    "Anna", "Jürgen", "Zoë", "José", "Mary", "Åsa", "François", "Søren", "Inès", "Peter",
    "Conceição", "Thomas", "Käthe", "Nuño", "Grace", "Raül", "Heloïse", "John", "Þóra", "Lucia",
]
LAST_NAMES = [
    "Müller", "O'Neill", "Ångström", "Núñez", "Smith", "Weiß", "Lefèvre", "Østergaard", "Brown",
    "da Conceição", "Jönsson", "Garcia & Sons", "Strauß-Köhler", "Taylor", "Benoît", "Fernández",
    "Ægisson", "Johnson", "Größmann", "Williams",
]
STREETS = ["Königstraße", "High Street", "Rue de l'Église", "Calle Ñandú", "Østre Gate", "Main St"]
MAKES = ["Citroën C3", "Skoda Octavia", "BMW 320d", "Ford F-150", "Opel Corsa"]


def full_name(sequence):
    """First and last name."""
    return sequence.pick(FIRST_NAMES) + " " + sequence.pick(LAST_NAMES)
