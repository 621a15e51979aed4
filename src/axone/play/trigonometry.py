"""Sine and cosine to the same bits on every device, and in the kernels: only IEEE operations, in a fixed order.

The sines of torch, of numba and of a GPU come from different libraries and differ in the last bit, which a chaotic
world makes visible after a few hundred steps. The method: k, the nearest multiple of pi, is subtracted in two parts
(Cody and Waite 1980), and an odd polynomial of degree 17 gives sin(x) = (-1)^k sin(x - k pi). Its coefficients
interpolate at the Chebyshev nodes of [0, pi / 2]. The cosine is the sine a quarter of a turn later.

Small angles need fewer operations: a polynomial for each function, without a multiple of pi. (The cosine as the square
root of 1 - sine^2 needs still fewer, but torch's square root is not the correctly rounded one of IEEE on all machines.)
"""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

INVERSE_PI = 0.3183098861837907
PI_UPPER = 3.1415926534682512  # the first 33 bits of pi, so that its product with k is exact
PI_LOWER = 1.2154201013012384e-10  # the rest
# sin(r) = r + r z (C0 + C1 z + ... + C7 z^7), where z = r^2: relative error below 4e-17
C0 = -0.16666666666666666
C1 = 0.008333333333333316
C2 = -0.00019841269841254928
C3 = 2.755731921915122e-06
C4 = -2.505210761546661e-08
C5 = 1.6058977213318265e-10
C6 = -7.643967132130914e-13
C7 = 2.7314053169647314e-15
# The same for angles up to SMALL_ANGLE: relative error below 8e-17
SMALL_ANGLE = 0.5
S0 = -0.16666666666666635
S1 = 0.008333333333271764
S2 = -0.00019841269644615934
S3 = 2.7557099350323387e-06
S4 = -2.495173332565566e-08
# cos(x) = 1 + z (-1/2 + z (D0 + D1 z + ... + D4 z^4)), where z = x^2, for the same angles: relative error below 2e-18
D0 = 0.041666666666666644
D1 = -0.0013888888888844895
D2 = 2.4801587161070468e-05
D3 = -2.755716212118408e-07
D4 = 2.0805043149220158e-09
TURN, INVERSE_TURN = 6.283185307179586, 0.15915494309189535


def sin_cos(angles: Float64[Tensor, "*shape"]) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """Return sine and cosine, with errors of at most two units in the last place.

    Args:
        angles: Angles in radians, at most 1e6 in magnitude; errors grow beyond.
    """
    quarter = torch.stack((torch.zeros_like(angles), torch.full_like(angles, 0.5)))
    multiples = (angles * INVERSE_PI + quarter).round_()
    half = multiples * 0.5
    sign = (half - half.floor()).mul_(-4.0).add_(1.0)  # 1 for an even multiple, -1 for an odd one
    multiples -= quarter
    rest = angles - multiples * PI_UPPER
    rest -= multiples.mul_(PI_LOWER)
    square = rest * rest
    series = square * C7
    for coefficient in (C6, C5, C4, C3, C2, C1):
        series.add_(coefficient).mul_(square)
    series.add_(C0)
    values = square.mul_(rest).mul_(series).add_(rest).mul_(sign)
    return values[0], values[1]


def sin_cos_mostly_small(
    angles: Float64[Tensor, "*shape"],
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """Return sine and cosine: with fewer operations for angles up to `SMALL_ANGLE`, and as `sin_cos` for others."""
    square = angles * angles
    series = square * S4
    for coefficient in (S3, S2, S1):
        series.add_(coefficient).mul_(square)
    series.add_(S0)
    sine = (square * angles).mul_(series).add_(angles)
    series = square * D4
    for coefficient in (D3, D2, D1, D0, -0.5):
        series.add_(coefficient).mul_(square)
    cosine = series.add_(1.0)
    is_large = angles.abs() > SMALL_ANGLE
    if is_large.any():
        other_sine, other_cosine = sin_cos(angles)
        return torch.where(is_large, other_sine, sine), torch.where(is_large, other_cosine, cosine)
    return sine, cosine


def wrap_angles(angles: Float64[Tensor, "*shape"]) -> Float64[Tensor, "*shape"]:
    """Return the same angles in radians between -pi and pi."""
    return angles - (angles * INVERSE_TURN).round_() * TURN
