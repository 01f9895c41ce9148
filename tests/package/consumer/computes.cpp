#include <ugatit/ugatit.hpp>

int main() {
  using namespace ugatit;
  using Device = Cpu<float>;
  using Node = On<Sequential<PadConv<4, 3>, InstanceNorm, Relu>, Map<3>, Device>;
  Device dev(1);
  Random random(1);
  Node::Params w = Node::parameters({1, 8, 8});
  allocate(dev, w);
  initialise(dev, w, random);
  const Value<Map<3>, Device> x(dev, {1, 8, 8});
  fill(dev, x.size(), 0.5F, x.data());
  Node::Tape tape;
  return Node::forward(dev, w, x, tape).extent() == Extent{1, 8, 8} ? 0 : 1;
}
