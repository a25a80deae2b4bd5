from core.fingerprinting.sequence import FingerprintSequence, Preparation, Segment


def short_sequence(n_readouts: int = 12) -> FingerprintSequence:
    """An inversion, a T2 and two diffusion preparations, `n_readouts` read-outs each."""
    flips = tuple(20.0 + 3 * i for i in range(n_readouts))
    trs = (11.0,) * n_readouts
    preparations = (
        Preparation("inversion", wait_ms=20),
        Preparation("t2", te_ms=50),
        Preparation("diffusion", te_ms=50, b_s_per_mm2=500),
        Preparation("diffusion", te_ms=50, b_s_per_mm2=1000),
    )
    segments = tuple(Segment(p, flips, trs, recovery_ms=400) for p in preparations)
    return FingerprintSequence("short", 2.0, 3.0, segments)
