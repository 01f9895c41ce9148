// What a colour of a photo becomes in a cartoon. A translation has to learn these pairs.
#pragma once

#include "colour.hpp"

namespace ugatit::portraits {

/// One thing's colour in both domains, in display values.
struct Paint {
  Colour photo;
  Colour cartoon;
  friend bool operator==(const Paint&, const Paint&) = default;
};

inline Paint mix(const Paint& a, const Paint& b, double t) {
  return {mix(a.photo, b.photo, t), mix(a.cartoon, b.cartoon, t)};
}

/// From deep to fair.
inline const Paint skin_paints[] = {
    {hex(0x64402d), hex(0xb98260)}, {hex(0x8f5e44), hex(0xd09a73)}, {hex(0xba8664), hex(0xe6b48c)},
    {hex(0xd5a384), hex(0xf4c9a4)}, {hex(0xe6ba9d), hex(0xfcdcc0)}, {hex(0xeac5ae), hex(0xffe8d6)},
};

/// How many of `hair_paints` are natural; the rest are dyes.
inline constexpr int natural_hair = 8;

inline const Paint hair_paints[] = {
    {hex(0x1d1817), hex(0x3a3f68)}, {hex(0x35231a), hex(0x6a4338)}, {hex(0x57361f), hex(0x9a5d3a)},
    {hex(0x6e2c1c), hex(0xc2433f)}, {hex(0xa6552a), hex(0xf5893d)}, {hex(0xb58d55), hex(0xf8d767)},
    {hex(0xd3c09a), hex(0xfaf0cc)}, {hex(0x8b8988), hex(0xb9c2dc)}, {hex(0xb15f80), hex(0xf799c0)},
    {hex(0x33566f), hex(0x58a6ea)}, {hex(0x5a3d70), hex(0xa67be2)},
};

inline const Paint eye_paints[] = {
    {hex(0x3a2415), hex(0x8a4a2b)}, {hex(0x5d3a1c), hex(0xb8742c)}, {hex(0x6a5a2c), hex(0xc9a227)},
    {hex(0x4f6b45), hex(0x37b06a)}, {hex(0x4f7391), hex(0x2f8fe8)}, {hex(0x6d7680), hex(0x7a86c8)},
};

/// Clothes.
inline const Paint cloth_paints[] = {
    {hex(0x2b3344), hex(0x44598c)}, {hex(0x7c2f35), hex(0xe0525e)}, {hex(0x3c5a4a), hex(0x4cae83)},
    {hex(0xc9c2b6), hex(0xf7f3ea)}, {hex(0x6d6f76), hex(0x9aa0b4)}, {hex(0xb08a3e), hex(0xf4bd42)},
    {hex(0x5d4a74), hex(0x8f6fce)}, {hex(0xa8687a), hex(0xf58fae)}, {hex(0x26262a), hex(0x3b3b4d)},
};

}  // namespace ugatit::portraits
