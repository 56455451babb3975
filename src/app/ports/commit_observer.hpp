#pragma once

#include "app/ports/unit_of_work.hpp"

namespace renkei::app {

/// Told of every unit that has become durable, before its caller is answered: what was decided from older rows is
/// forgotten at that moment. Called from any thread; must be short and must not call the store.
class CommitObserver {
public:
    virtual ~CommitObserver() = default;
    virtual void committed(const UnitOfWork& unit) noexcept = 0;
};

}  // namespace renkei::app
