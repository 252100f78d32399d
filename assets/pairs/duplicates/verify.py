"""Do two pictures show the same thing? ORB keypoints matched and fitted with RANSAC; it sees crops and frames too.

ORB: Rublee et al., ICCV 2011. RANSAC: Fischler and Bolles 1981, for a similarity transform (shift, turn, scale).
Fifteen agreeing keypoints are asked for: on drawn tissue with neighbours of the same slide the best false match had 11,
true ones 18 and more (5th percentile). They must also spread over a part of the pictures: a scale bar, an arrow or a
logo that two figures share is not the figure.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from assets.pairs.duplicates.hashes import Rgb
from assets.records import Keypoints

INLIERS = 15
KEYPOINTS = 160
LONG_SIDE = 400  # pixels
NEAR = 48  # bits of 256 between descriptors of one spot
REACH = 3.0  # pixels that a keypoint may lie beside where the transform puts it
SPREAD = 0.15  # of the area that the keypoints of at least one of the pictures enclose
LEAST = 6  # matches below which no transform is fitted


@dataclass(frozen=True)
class Features:
    """`points` (k, 2) in pixels at a long side of at most 400, `descriptors` (k, 32), `size` (width, height) then."""

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    size: tuple[int, int]

    @classmethod
    def of(cls, row: Keypoints) -> "Features":
        points = np.frombuffer(row.points, "<f2").reshape(-1, 2).astype(np.float32)
        return cls(points, np.frombuffer(row.descriptors, np.uint8).reshape(-1, 32), (row.width, row.height))

    def row(self, image: str) -> Keypoints:
        """As it is stored; float16 places a point to a quarter of a pixel."""
        points, descriptors = self.points.astype("<f2").tobytes(), self.descriptors.tobytes()
        return Keypoints(image=image, width=self.size[0], height=self.size[1], points=points, descriptors=descriptors)


@dataclass(frozen=True)
class Agreement:
    """Spots that agree on one similarity transform; `shared`: the lesser share of the two pictures that both show."""

    spots: int
    shared: float


NONE = Agreement(0, 0.0)


def features(rgb: Rgb, mirrored: bool = False) -> Features:
    """ORB features of a picture, (height, width, 3). ORB bears turning but not mirroring, so that is asked apart.

    The order takes the strongest of every scale in turn, coarse scales first: any first part of them is a fair choice.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    scale = LONG_SIDE / max(grey.shape)
    if scale < 1:
        size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    if mirrored:
        grey = np.ascontiguousarray(grey[:, ::-1])
    grey = cv2.GaussianBlur(grey, (0, 0), 1.0)
    spots, descriptors = cv2.ORB.create(KEYPOINTS, fastThreshold=10).detectAndCompute(grey, None)
    size = grey.shape[1], grey.shape[0]
    if descriptors is None:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8), size)
    order = _by_turns(np.array([s.octave for s in spots]), np.array([s.response for s in spots]))
    points = np.array([spot.pt for spot in spots], np.float32)
    return Features(points[order], np.asarray(descriptors, np.uint8)[order], size)


def _by_turns(octaves: NDArray[np.int64], strength: NDArray[np.float64]) -> NDArray[np.int64]:
    rank = np.zeros(len(octaves), np.int64)
    for octave in np.unique(octaves):
        places = np.flatnonzero(octaves == octave)
        rank[places[np.argsort(-strength[places], kind="stable")]] = np.arange(len(places))
    return np.lexsort((-octaves, rank))


def agreement(a: Features, b: Features) -> Agreement:
    """How far two pictures agree; NONE when the agreeing keypoints spread too little over both."""
    if min(len(a.points), len(b.points)) < LEAST:
        return NONE
    matches = [m for m in cv2.BFMatcher(cv2.NORM_HAMMING).match(a.descriptors, b.descriptors) if m.distance <= NEAR]
    if len(matches) < LEAST:
        return NONE
    here = a.points[[m.queryIdx for m in matches]]
    there = b.points[[m.trainIdx for m in matches]]
    found, inside = cv2.estimateAffinePartial2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=REACH)
    if found is None:
        return NONE
    agree = inside.ravel().astype(bool)
    spread = max(_enclosed(here[agree]) / _enclosed(a.points), _enclosed(there[agree]) / _enclosed(b.points))
    # Keypoints of several scales pile up on one spot: spots are counted, not keypoints.
    spots = min(len(np.unique(np.round(points[agree] / 2), axis=0)) for points in (here, there))
    return Agreement(spots, _shared(a, b, found)) if spread >= SPREAD else NONE


def _enclosed(points: NDArray[np.float32]) -> float:
    """Square pixels within the convex hull, at least one."""
    return max(1.0, float(cv2.contourArea(cv2.convexHull(points)))) if len(points) >= 3 else 1.0


def _shared(a: Features, b: Features, moved: NDArray) -> float:
    """The lesser share of either picture that lies within the other once a is moved onto b."""
    corners = [np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32) for w, h in (a.size, b.size)]
    onto = cv2.transform(corners[0][None], moved)[0].astype(np.float32)
    common, _ = cv2.intersectConvexConvex(onto, corners[1])
    return min(1.0, float(common) / max(1.0, _enclosed(onto), _enclosed(corners[1])))
