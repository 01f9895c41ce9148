// A residual block must give back the shape that it takes.
// expect: ShapeMismatch<ugatit::Residual<.*>, ugatit::Map<8>, ugatit::Map<16>>
#include <ugatit/ugatit.hpp>

using namespace ugatit;

template struct ugatit::Residual<PadConv<16, 3>, InstanceNorm>::On<Map<8>, Cpu<float>>;
