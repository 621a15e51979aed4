"""From a run folder to a trained model: predict, generate, explain, play, evaluate.

run = axone.load("runs/cnn/2026-11-23-brave-kernel")
run.predict("shoe.png")          # Prediction(label='Sneaker', probability=0.98, ...)
run.explain("shoe.png").figure().show()
run.model                        # an ordinary torch module
"""

from axone.use.run import Run as Run
from axone.use.run import load as load
