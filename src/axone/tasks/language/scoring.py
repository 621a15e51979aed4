"""A language model's opinion of what comes next, for a search in another system, such as a speech decoder's.

    scorer = LanguageScorer(network, facts)          # or load_scorer(run) in the caller: run.model, run.facts
    scorer.characters                                # "\\n !'abc...": the column of each character
    scorer.score_next(["the ca", "the co"])          # [2, characters]: ln p(character | text)

A search asks about prefixes that grow by one character; the state of each prefix is kept, so that a call costs one step
for each new prefix, all of them in one batch.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.data.text.vocabulary import BOUNDARY, SPECIAL, CharacterVocabulary, read_vocabulary
from axone.errors import UsageError
from axone.messages import _
from axone.tasks.language.steps import State, StepModel, find_step_model

KEPT = 20_000  # prefixes whose states are kept


class LanguageScorer:
    """Log-probabilities of the next character of texts, by a trained language model of characters.

    Args:
        network: The network of a run of `language_model`.
        facts: The facts of that run.

    Raises:
        UsageError: The run is not a language model, or one of pieces.
    """

    def __init__(self, network: nn.Module, facts: Mapping[str, Any]) -> None:
        vocabulary = read_vocabulary(facts["vocabulary"]) if facts.get("task") == "language" else None
        if not isinstance(vocabulary, CharacterVocabulary):
            raise UsageError(
                _("This run is not a language model of characters."),
                hint=_("train one: axone train language_model --data FILE --symbols characters"),
            )
        self.vocabulary: CharacterVocabulary = vocabulary
        self.model: StepModel = find_step_model(network)
        self._kept: OrderedDict[str, tuple[Tensor, tuple[Tensor, ...]]] = OrderedDict()

    @property
    def characters(self) -> str:
        """The characters that the model can write, in the order of the columns of `score_next`."""
        return self.vocabulary.characters

    def map_alphabet(self, alphabet: Sequence[str]) -> list[int]:
        """Return the column of each character of another alphabet; -1 for one that the model does not know.

        A character is also found in the other case, lower before upper.
        """
        columns = []
        for character in alphabet:
            forms = (character, character.lower(), character.upper())
            known = (self.vocabulary.find(form) - SPECIAL for form in forms if len(form) == 1)
            columns.append(next((column for column in known if column >= 0), -1))
        return columns

    @torch.inference_mode()
    def score_next(self, texts: Sequence[str]) -> Float[Tensor, "texts characters"]:
        """Return ln p(character | text) for each text and each character, as a new document begins with the text.

        Characters that the model does not know count as unknown ones.
        """
        pending = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if "" in pending or (pending and "" not in self._kept):
            self._keep([""], *self.model.step(torch.tensor([BOUNDARY]), self.model.start()))
        while pending := [text for text in pending if text not in self._kept]:
            # The longest kept beginning of each text; one more character of it is read per turn.
            ends = list(dict.fromkeys(text[: self._count_kept(text) + 1] for text in pending))
            symbols = torch.tensor([self.vocabulary.find(end[-1]) for end in ends])
            states = [self._kept[end[:-1]][1] for end in ends]
            state = tuple(torch.stack(part) for part in zip(*states))
            self._keep(ends, *self.model.step(symbols, state))
        scores = torch.stack([self._use(text) for text in texts])
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return scores

    def _count_kept(self, text: str) -> int:
        """Return the length of the longest proper beginning of a text whose state is kept."""
        length = len(text) - 1
        while text[:length] not in self._kept:
            length -= 1
        return length

    def _keep(self, texts: Sequence[str], logits: Tensor, state: State) -> None:
        scores = logits[:, SPECIAL:].log_softmax(1)
        for number, text in enumerate(texts):
            self._kept[text] = scores[number], tuple(part[number] for part in state)

    def _use(self, text: str) -> Tensor:
        self._kept.move_to_end(text)
        return self._kept[text][0]
