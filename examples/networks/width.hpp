// The networks of one width and preset: the cases that `Width` is compiled for.
#pragma once

#include "networks.hpp"

namespace ugatit::examples {

template <Index Ch, class P, class D>
std::unique_ptr<Network<D, 3>> Width<Ch, P, D>::generator(D& dev, const ModelDescription& model, const Extent& image) {
  const auto make = [&]<Index Blocks>(std::integral_constant<Index, Blocks>) -> std::unique_ptr<Network<D, 3>> {
    if (model.light) {
      return std::make_unique<ModelNetwork<Generator<Ch, Blocks, StyleFrom::average, P>, D>>(dev, image);
    }
    return std::make_unique<ModelNetwork<Generator<Ch, Blocks, StyleFrom::whole_map, P>, D>>(dev, image);
  };
  switch (model.n_res) {
    case 2:
      return make(std::integral_constant<Index, 2>{});
    case 4:
      return make(std::integral_constant<Index, 4>{});
    case 6:
      return make(std::integral_constant<Index, 6>{});
    default:
      throw Error("--n_res " + std::to_string(model.n_res) +
                  " is not built into this program, which has 2, 4 and 6; add a case to examples/networks/width.hpp");
  }
}

template <Index Ch, class P, class D>
std::unique_ptr<Network<D, 1>> Width<Ch, P, D>::discriminator(D& dev, Index layers, const Extent& image) {
  switch (layers) {
    case 3:
      return std::make_unique<ModelNetwork<Discriminator<Ch, 3, P>, D>>(dev, image);
    case 4:
      return std::make_unique<ModelNetwork<Discriminator<Ch, 4, P>, D>>(dev, image);
    case 5:
      return std::make_unique<ModelNetwork<Discriminator<Ch, 5, P>, D>>(dev, image);
    case 6:
      return std::make_unique<ModelNetwork<Discriminator<Ch, 6, P>, D>>(dev, image);
    case 7:
      return std::make_unique<ModelNetwork<Discriminator<Ch, 7, P>, D>>(dev, image);
    default:
      throw Error("discriminators of " + std::to_string(layers) +
                  " layers are not built into this program, which has --n_dis 4 to 6; add cases to "
                  "examples/networks/width.hpp");
  }
}

}  // namespace ugatit::examples
