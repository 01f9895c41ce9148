// Two branches with different channels cannot be added.
// expect: ShapeMismatch<ugatit::Add, ugatit::Map<16>, ugatit::Map<32>>
#include <ugatit/ugatit.hpp>

using namespace ugatit;

template struct ugatit::Then<Fork<PadConv<16, 3>, PadConv<32, 3>>, Add>::On<Map<8>, Cpu<float>>;
