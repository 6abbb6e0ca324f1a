"""One step of TRL's trainers on every file that is for them.

    python -m tests.consumers.trl.program GIVEN RETURNED

GIVEN has exported folders; RETURNED is a file. A file is for a trainer if its name begins with the
name of one. Model and tokenizer are made here, at random: nothing is fetched.
"""

import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import datasets
import torch
import transformers
import trl
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

_SEED: Final = 7
_LONGEST: Final = 512  # tokens, which are bytes
_CHAT: Final = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_MARKS: Final = ("<pad>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")


def main(given: Path, returned: Path) -> None:
    """Runs all of it."""
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    transformers.utils.logging.disable_progress_bar()
    datasets.disable_progress_bars()
    files = sorted(path for path in given.rglob("*") if path.suffix in (".jsonl", ".parquet"))
    steps = {str(path.relative_to(given)): of_file(path) for path in files if trainer_of(path.stem)}
    found = {"steps": steps, "silence": of_silence()}
    returned.write_text(json.dumps(found))


@dataclass(frozen=True, slots=True)
class Trainer:
    """A trainer of TRL; `model` makes what it trains, from the size of a vocabulary.

    has_reference   whether it holds the model against what that was before
    """

    cls: type[transformers.Trainer]
    config: type[transformers.TrainingArguments]
    model: Callable[[int], transformers.PreTrainedModel]
    has_reference: bool = False


def language_model(vocabulary: int) -> transformers.PreTrainedModel:
    return transformers.LlamaForCausalLM(_config(vocabulary))


def reward_model(vocabulary: int) -> transformers.PreTrainedModel:
    return transformers.LlamaForSequenceClassification(_config(vocabulary, num_labels=1))


def _config(vocabulary: int, **options: Any) -> transformers.LlamaConfig:
    return transformers.LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=2 * _LONGEST,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=1,
        **options,
    )


TRAINERS: Final = {
    "dpo": Trainer(trl.DPOTrainer, trl.DPOConfig, language_model, has_reference=True),
    "reward": Trainer(trl.RewardTrainer, trl.RewardConfig, reward_model),
    "kto": Trainer(trl.KTOTrainer, trl.KTOConfig, language_model, has_reference=True),
    "sft": Trainer(trl.SFTTrainer, trl.SFTConfig, language_model),
}


def trainer_of(name: str) -> Trainer | None:
    """The trainer that a file names."""
    return next((trainer for key, trainer in TRAINERS.items() if name.startswith(key)), None)


def tokenizer() -> transformers.PreTrainedTokenizerFast:
    """A token for each byte, and marks for who speaks."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate((*_MARKS, *letters))}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(list(_MARKS))
    found = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=_MARKS[0], eos_token=_MARKS[1]
    )
    found.chat_template = _CHAT
    return found


Step = Mapping[str, float]
"""The loss, and the norm of its gradient: 0 where nothing is learnt."""


def step(trainer: Trainer, rows: datasets.Dataset, **options: Any) -> Step:
    """A step on all rows at once, or on the first sixteen."""
    words = tokenizer()
    transformers.set_seed(_SEED)
    model = trainer.model(len(words))
    reference = {"ref_model": deepcopy(model)} if trainer.has_reference else {}
    with tempfile.TemporaryDirectory() as folder:
        arguments = trainer.config(
            output_dir=folder,
            max_steps=1,
            per_device_train_batch_size=max(2, min(len(rows), 16)),
            max_length=_LONGEST,
            report_to=[],
            save_strategy="no",
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            logging_steps=1,
            seed=_SEED,
            **options,
        )
        done = trainer.cls(
            model=model, args=arguments, train_dataset=rows, processing_class=words, **reference
        )
        done.remove_callback(transformers.PrinterCallback)
        done.remove_callback(transformers.ProgressCallback)
        done.train()
    first = done.state.log_history[0]
    return {"loss": float(first["loss"]), "gradient": float(first["grad_norm"])}


def of_file(path: Path) -> dict[str, Any]:
    """What a step on it gave: its loss, or why there was none."""
    kind = "json" if path.suffix == ".jsonl" else "parquet"
    trainer = trainer_of(path.stem)
    assert trainer is not None
    with tempfile.TemporaryDirectory() as cache:
        rows = datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=cache)
        try:
            return {"rows": len(rows), "first": rows[0], **step(trainer, rows)}
        except Exception as error:
            return {"rows": len(rows), "error": f"{type(error).__name__}: {error}"[:500]}


# ---------------------------------------------------------------- what is done without a word


def of_silence() -> dict[str, Any]:
    """What trainers make of rows that are odd: a loss, or an error."""
    pairs = [
        {"prompt": "Which is larger?", "chosen": " An elephant.", "rejected": f" A mouse {n}."}
        for n in range(4)
    ]
    answers = [
        {"prompt": "Which is larger?", "completion": f" An elephant {n}.", "label": n % 2 == 0}
        for n in range(4)
    ]
    long = "x" * 2 * _LONGEST

    def tried(name: str, rows: Sequence[Mapping[str, Any]], **options: Any) -> Any:
        try:
            return step(
                TRAINERS[name], datasets.Dataset.from_list(list(map(dict, rows))), **options
            )
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:300]

    def with_(rows: Sequence[Mapping[str, Any]], **columns: Any) -> list[dict[str, Any]]:
        return [
            {**row, **{key: values[n] for key, values in columns.items()}}
            for n, row in enumerate(rows)
        ]

    weights = {key: [0.0, 0.0, 0.0, 9.0] for key in ("weight", "weights", "confidence")}
    texts = [{"text": f"An elephant is larger {n}."} for n in range(4)]
    return {
        "plain": {
            "dpo": tried("dpo", pairs),
            "reward": tried("reward", pairs),
            "kto": tried("kto", answers),
            "sft": tried("sft", texts),
        },
        "weights": {
            "dpo": tried("dpo", with_(pairs, **weights)),
            "reward": tried("reward", with_(pairs, **weights)),
            "kto": tried("kto", with_(answers, **weights)),
            "sft": tried("sft", with_(texts, **weights)),
        },
        "ties": {
            name: tried(name, [{**pair, "rejected": pair["chosen"]} for pair in pairs])
            for name in ("dpo", "reward")
        },
        "swapped": tried(
            "dpo", [{**p, "chosen": p["rejected"], "rejected": p["chosen"]} for p in pairs]
        ),
        "margin": {
            "reward": tried("reward", with_(pairs, margin=[2.0] * 4)),
            "dpo": tried("dpo", with_(pairs, margin=[2.0] * 4)),
            "some": tried("reward", with_(pairs, margin=[2.0, None, 2.0, 2.0])),
            "negative": tried("reward", with_(pairs, margin=[-2.0] * 4)),
        },
        "all desirable": tried("kto", [{**answer, "label": True} for answer in answers]),
        "label of text": tried(
            "kto", [{**a, "label": "no" if n else "yes"} for n, a in enumerate(answers)]
        ),
        "label of numbers": tried("kto", with_(answers, label=[3, 0, 7, 0])),
        "empty": {
            "dpo": tried("dpo", with_(pairs, chosen=[""] * 4)),
            "kto": tried("kto", with_(answers, completion=[""] * 4)),
        },
        "cut": {
            name: [
                tried(
                    "dpo",
                    [{**p, "chosen": long + end, "rejected": p["rejected"] + long} for p in pairs],
                )
                for end in ("A", "B")
            ]
            for name in ("dpo",)
        },
        "joined": [
            tried("reward", [{"prompt": a, "chosen": b, "rejected": c}] * 2)
            for a, b, c in (("Which", "is", "was"), ("Whic", "his", "hwas"))
        ],
        "unknown option": tried("dpo", pairs, sample_weights=True),
    }


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
