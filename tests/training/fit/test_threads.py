import torch

from sharpcli_training.fit import threads


def test_torch_takes_no_more_threads_than_there_are_cores_for_it(monkeypatch):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        monkeypatch.setattr(threads, "cores", lambda: 2)
        threads.keep_to_cores()
        assert torch.get_num_threads() == 2
        monkeypatch.setattr(threads, "cores", lambda: 8)
        threads.keep_to_cores()
        assert torch.get_num_threads() == 2, "what the user asked for is not raised"
    finally:
        torch.set_num_threads(before)
