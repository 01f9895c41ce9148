// What the other programs here do wrong, done right.
// expect: compiles
#include <ugatit/ugatit.hpp>

using namespace ugatit;

using Right = On<Residual<PadConv<4, 3>, InstanceNorm>, Map<4>, Cpu<float>>;
using Styled = On<AdaLIN, Both<Map<8>, Style<8>>, Cpu<float>>;
using Summed = On<Add, Both<Map<4>, Map<4>>, Cpu<float>>;

int main() {
  Cpu<float> dev;
  Right::Params w = Right::parameters({1, 8, 8});
  allocate(dev, w);
  Right::Tape tape;
  Right::forward(dev, w, Value<Map<4>, Cpu<float>>(dev, {1, 8, 8}), tape);
  static_cast<void>(sizeof(Styled) + sizeof(Summed));
}
