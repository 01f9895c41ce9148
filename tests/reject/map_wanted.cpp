// A convolution takes maps, not vectors.
// expect: ShapeMismatch<ugatit::Conv2d<4, 3.*>, ugatit::AnyMap, ugatit::Vector<8>>
#include <ugatit/ugatit.hpp>

using namespace ugatit;

template struct ugatit::Conv2d<4, 3>::On<Vector<8>, Cpu<float>>;
