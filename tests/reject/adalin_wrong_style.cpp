// AdaLIN wants a γ and a β for each of its channels.
// expect: ShapeMismatch<ugatit::AdaLIN, ugatit::Both<ugatit::Vector<64>, ugatit::Vector<64>>,
// ugatit::Both<ugatit::Vector<32>, ugatit::Vector<32>>>
#include <ugatit/ugatit.hpp>

using namespace ugatit;

template struct ugatit::AdaLIN::On<Both<Map<64>, Style<32>>, Cpu<float>>;
