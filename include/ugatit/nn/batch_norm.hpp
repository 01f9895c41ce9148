// Batch norm; formulas in ops/set_norm.hpp.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/set_norm.hpp>

namespace ugatit {

namespace norms {

/// Weight of the newest batch in running statistics, PyTorch's default.
inline constexpr double momentum = 0.1;

/// Where a pass was: its backward pass follows the same rule.
enum class Statistics : bool { of_batch, running };

/// Throws unless each channel has two numbers or more: of one, the variance is zero.
inline void require_numbers(const Extent& extent) {
  if (extent.batch * extent.area() > 1) return;
  throw Error("batch statistics need more than one number of each channel; use larger images or a larger batch");
}

}  // namespace norms

/// Each channel normalised over batch, height and width: Map<C> → Map<C>. While `dev.mode.training`, by the batch's
/// statistics (biased variance, eps 1e-5), which advance the running ones (momentum 0.1, unbiased variance); else by
/// the running ones. Throws `Error` for a training pass with one number of each channel.
/// Parameters: weight [C] (1), bias [C] (0), state: running_mean [C] (0), running_var [C] (1).
struct BatchNorm {
  template <class In, class D>
  struct On {
    static_assert(require_map<BatchNorm, In>());
    using Out = In;

    struct Params {
      Field<D> weight;
      Field<D> bias;
      Field<D> running_mean;
      Field<D> running_var;

      template <class F, class... Ps>
      static void each(const F& f, Ps&... params) {
        f("weight", params.weight...);
        f("bias", params.bias...);
        f("running_mean", params.running_mean...);
        f("running_var", params.running_var...);
      }
    };

    struct Tape {
      Kept<Value<In, D>> x;
      Kept<Buffer<D>> mean;
      Kept<Buffer<D>> variance;
      Kept<norms::Statistics> statistics;
    };

    static Extent out(const Extent& extent) { return extent; }
    static Params parameters(const Extent&) {
      return {Field<D>::of({In::channels}, Start::constant(1)), Field<D>::of({In::channels}, Start::constant(0)),
              Field<D>::of({In::channels}, Start::constant(0), Role::state),
              Field<D>::of({In::channels}, Start::constant(1), Role::state)};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      require_values(dev, "a norm");
      const auto statistics = dev.mode.training ? norms::Statistics::of_batch : norms::Statistics::running;
      const SetNormGeometry g = geometry(x.extent(), statistics);
      const Buffer<D> mean(dev.arena(), In::channels);
      const Buffer<D> variance(dev.arena(), In::channels);
      if (statistics == norms::Statistics::of_batch) {
        norms::require_numbers(x.extent());
        set_statistics(dev, g, as_input(x), mean.data(), variance.data());
        const double count = static_cast<double>(x.extent().batch * x.extent().area());
        // State: it advances although the weights are constant here.
        advance_running(dev, {In::channels, norms::momentum}, as_input(mean), w.running_mean.data());
        advance_running(dev, {In::channels, norms::momentum, count / (count - 1)}, as_input(variance),
                        w.running_var.data());
      } else {
        copy(dev, In::channels, as_input(w.running_mean), mean.data());
        copy(dev, In::channels, as_input(w.running_var), variance.data());
      }
      Value<Out, D> y(dev, x.extent());
      set_norm_forward(dev, g, as_input(x), as_input(mean), as_input(variance), as_input(w.weight), as_input(w.bias),
                       y.view());
      tape.x.keep(dev, x);
      tape.mean.keep(dev, mean);
      tape.variance.keep(dev, variance);
      tape.statistics.keep(dev, statistics);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      const Buffer<D> mean = tape.mean.take();
      const Buffer<D> variance = tape.variance.take();
      const norms::Statistics statistics = tape.statistics.take();
      if (!dy) return {};
      Value<In, D> dx(dev, x.extent());
      set_norm_backward(dev, geometry(x.extent(), statistics), as_input(dy), as_input(x), as_input(mean),
                        as_input(variance), as_input(w.weight), dx.view(), dw.weight.data(), dw.bias.data());
      return dx;
    }

   private:
    static SetNormGeometry geometry(const Extent& extent, norms::Statistics statistics) {
      return {extent.batch, 1, 1e-5, statistics == norms::Statistics::running};
    }
  };
};

}  // namespace ugatit
