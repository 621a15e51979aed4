"""Why a text gets a class: what each of its words contributes to the class's logit, and the attention.

The mean logit of the members is divided among the tokens without a rest:

- the linear members exactly: the weight of an n-gram belongs to the characters that it covers, in equal parts;
- the recurrent members by integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365): the gradient with respect
  to the embedded text is averaged along the way from zero to the text, and multiplied by the text.

Contributions add up to the logit of the text minus that of the empty text, up to a residual of the numerical integral,
which is reported. With one class per text, the logit is taken relative to the mean of all classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.tokens.encoder import CHARACTER_NGRAMS, WORD_NGRAMS, TextEncoder
from axone.data.tokens.ngrams import NGrams, character_ngrams, word_ngrams
from axone.data.tokens.split import Token, split_text
from axone.data.tokens.stream import gather_texts
from axone.errors import DataError, UsageError, closest
from axone.graph import Model
from axone.messages import _
from axone.tasks.text.explanation import ExplainedToken, TextExplanation
from axone.tasks.text.inputs import Item, read_item
from axone.tasks.text.predict import TextAnswering

STEPS = 64  # of the integral
RECURRENT, LINEAR = ("words_", "pieces_"), ("linear_words", "linear_characters")  # names of embedding tables


def explain(
    network: Model, facts: Mapping[str, Any], inputs: Sequence[Item], *, label: str | None = None
) -> list[TextExplanation | DataError]:
    """Explain a class of each text; a text that cannot be read gets its error instead.

    Args:
        network: The trained network.
        facts: The facts of the run.
        inputs: Texts, files and rows.
        label: The class to explain; None: the most probable one of each text.

    Raises UsageError for an unknown class.
    """
    classes: list[str] = facts["classes"]
    if label is not None and label not in classes:
        near = closest(label, classes)
        raise UsageError(
            _("There is no class '{name}'.", name=label)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected one of: {choices}", choices=", ".join(classes[:100])),
        )
    answers: list[TextExplanation | DataError] = []
    for item in inputs:
        try:
            answers.append(explain_text(network, facts, read_item(item, facts), label))
        except DataError as error:
            answers.append(error)
    return answers


@torch.inference_mode(False)  # the figures of a run are made without gradients, which are needed here
def explain_text(network: Model, facts: Mapping[str, Any], text: str, label: str | None = None) -> TextExplanation:
    """Explain one class of one text."""
    network.eval()
    encoder, classes = TextEncoder.from_facts(facts), facts["classes"]
    normalized, tokens = encoder.split(text)
    document = text if len(text) == len(normalized) else normalized  # as it was written, unless its length changed
    tokens = tokens or [Token(normalized, 0, len(normalized))]
    device = next(network.parameters()).device
    gathered = gather_texts(encoder.encode([text]), torch.tensor([0]))
    inputs = {name: part.to(device) for name, part in gathered.items()}
    with torch.no_grad():
        outputs = network({name: inputs[name] for name in network.input_names})
        probabilities = TextAnswering(network, facts)(**inputs)[0].cpu()
    best = int(probabilities.argmax())
    target = best if label is None else classes.index(label)
    direction = torch.zeros(len(classes), device=device)
    direction[target] = 1.0
    if not facts["several_labels"]:
        direction -= 1 / len(classes)
    members = outputs["logits"].shape[1]
    linear = _explain_linear(network, encoder, normalized, len(tokens), tokens, direction.cpu()) / members
    recurrent, residual = _integrate_gradients(network, inputs, direction, len(tokens))
    attention = outputs["attention"][0].mean(0).cpu()
    contributions = (torch.from_numpy(linear) + recurrent).tolist()
    rows = zip(tokens, contributions, attention[: len(tokens)].tolist(), strict=True)
    return TextExplanation(
        document, tuple(ExplainedToken(token.start, token.end, each, weight) for token, each, weight in rows),
        classes[target], float(probabilities[target]), classes[best], residual, encoder.unit == "words",
    )  # fmt: skip


def _explain_linear(
    network: Model, encoder: TextEncoder, text: str, count: int, tokens: Sequence[Token], direction: Tensor
) -> Float[np.ndarray, " tokens"]:
    """Return what the n-grams that cover each token contribute to the sum of the linear members' logits."""
    tables = dict(network.named_modules())
    by_character = np.zeros(len(text) + 1)
    words = split_text(text, "words")
    for name, ngrams in (
        (LINEAR[0], word_ngrams([[word.text for word in words]], WORD_NGRAMS, encoder.ngram_bits)),
        (LINEAR[1], character_ngrams([text], *CHARACTER_NGRAMS, encoder.ngram_bits)),
    ):
        table = tables.get(name)
        if isinstance(table, nn.Embedding) and len(ngrams.bucket):
            _distribute(ngrams, table.weight.detach().cpu() @ direction, words, text, by_character)
    return np.array([by_character[token.start : token.end].sum() for token in tokens][:count])


def _distribute(
    ngrams: NGrams, weights: Tensor, words: Sequence[Token], text: str, by_character: Float[np.ndarray, " characters"]
) -> None:
    """Add the weight of each distinct n-gram to the characters that its occurrences cover, in equal parts."""
    _distinct, inverse, occurrences = np.unique(ngrams.bucket, return_inverse=True, return_counts=True)
    share = weights[torch.from_numpy(ngrams.bucket)].numpy() / occurrences[inverse]
    of_words = bool((ngrams.length <= WORD_NGRAMS).all())
    for start, length, value in zip(ngrams.start.tolist(), ngrams.length.tolist(), share.tolist()):
        if of_words:
            begin, end = words[start].start, words[start + length - 1].end
        else:
            begin, end = max(start, 0), min(start + length, len(text))
        places = [place for place in range(begin, end) if not text[place].isspace()]
        for place in places:
            by_character[place] += value / len(places)


def _integrate_gradients(
    network: Model, inputs: Mapping[str, Tensor], direction: Tensor, count: int
) -> tuple[Float[Tensor, " tokens"], float]:
    """Return what each token contributes through the recurrent members, and by how much their sum is off."""
    tables = [table for name, table in network.named_modules()
              if isinstance(table, nn.Embedding) and name.startswith(RECURRENT)]  # fmt: skip
    if not tables:
        return torch.zeros(count), 0.0
    # The midpoints of equal steps from the empty text (0) to the text (1), and both ends, in one batch.
    places = torch.cat([(torch.arange(STEPS) + 0.5) / STEPS, torch.tensor([0.0, 1.0])]).to(direction.device)
    repeated = {name: inputs[name].expand(len(places), *inputs[name].shape[1:]) for name in network.input_names}
    with torch.enable_grad(), scaled_embeddings(tables, places) as embedded:
        logits = (network(repeated)["logits"] * direction).sum(2).mean(1)  # [steps + 2]
        gradients = torch.autograd.grad(logits[:STEPS].sum(), embedded)
    total = torch.zeros(count)
    for gradient, output in zip(gradients, embedded):
        whole = output[-1].detach()  # the embedded text itself, at place 1
        products = (gradient[:STEPS].mean(0) * whole).sum(-1).cpu()  # [steps], or [steps, pieces]
        total += products.flatten(1).sum(1)[:count] if products.ndim == 2 else products[:count]
    difference = float(logits[-1].detach() - logits[-2].detach())
    return total, float(total.sum()) - difference


@contextmanager
def scaled_embeddings(tables: Sequence[nn.Module], places: Float[Tensor, " batch"]) -> Iterator[list[Tensor]]:
    """Within the block, the outputs of tables are multiplied by a place for each example; they are collected."""
    collected: list[Tensor] = []

    def scale(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        scaled = output.detach() * places.view(-1, *[1] * (output.ndim - 1))
        scaled.requires_grad_()
        collected.append(scaled)
        return scaled

    handles = [table.register_forward_hook(scale) for table in tables]
    try:
        yield collected
    finally:
        for handle in handles:
            handle.remove()
