"""Write a model card beside each shipped fingerprinting network, from what it says of itself.

python docs/results/fingerprint_cards.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.checkpoints import file_hash
from core.fingerprinting.cards import NetworkCard, shipped


def card(network: NetworkCard) -> str:
    """One model card."""
    size = network.document["network"]
    stages = network.document["provenance"]["stages"]
    made = "\n".join(stage_text(number, done) for number, done in enumerate(stages, 1))
    return f"""# {network.label}

Gated recurrent unit of {size["hidden"]} units that takes {size["readouts_a_step"]} of
{size["n_readouts"]} read-outs a step, a dense layer of {size["dense"]} units, and a linear head
for the logarithms of T1, T2, ADC and scale. Series of another sequence are refused.
For the sequence *{network.sequence_name}* (`{network.sequence_key}`).
File `{network.path.name}`, float32, SHA-256 `{file_hash(network.path)}`.

## Data

Simulated only: signals of quasi-random tissues by extended phase graphs, T1 from 50 to 5000 ms,
T2 from 5 to 2500 ms but at most T1, ADC from 0.1 to 3.5 µm²/ms, each even in its logarithm.

## Training

{made}

Made again by `tlmri mrf train --shipped --seed {stages[-1]["seed"]} --out FOLDER`.
Its errors in a simulated slice are in `docs/results.md`, and those of networks trained alike, in
fewer steps, for five seeds and six SNR.

## Limits

- Learnt from ideal preparations and hard pulses, one tissue a voxel, B1 as nominal, white noise.
- Below an SNR of 10 dB it was not trained, and it leans towards the middle of its tissues where the
  signal says little, as with the ADC of tissue whose T2 is far below the preparation's echo time.
- Not a medical device; not for diagnosis.
"""


def stage_text(number: int, done: Mapping[str, Any]) -> str:
    """One stage of its training."""
    noise = (
        f"noisy signals, SNR {done['snr_low_db']:g} to {done['snr_high_db']:g} dB"
        if done["signals"] == "noisy"
        else "clean signals"
    )
    frozen = f"; frozen: {done['frozen']}" if done["frozen"] else ""
    hashed = f" Its file has the SHA-256 `{done['file']['sha256']}`." if "file" in done else ""
    return (
        f"{number}. {done['steps']} steps on {noise}{frozen}. {done['batch']} signals a step out "
        f"of {done['n_tissues']} tissues, Adam at {done['learning_rate']:g} at its highest, seed "
        f"{done['seed']}. Took {done['seconds'] / 60:.0f} minutes on: {done['device']}.{hashed}"
    )


def main() -> None:
    """Write every card."""
    for network in shipped():
        network.path.with_suffix(".md").write_text(card(network), encoding="utf-8")


if __name__ == "__main__":
    main()
