"""One JSON line for each task on each host: what the comparison reads instead of Ansible's words for people."""
import json

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'told'

    def tell(self, result, status):
        name = result._task.get_name()
        print(json.dumps({
            'host': result._host.get_name(),
            'task': name,
            'status': status,
            'why': str(result._result.get('msg', '')),
        }), flush=True)

    def v2_runner_on_ok(self, result):
        self.tell(result, 'change' if result.is_changed() else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.tell(result, 'failed')

    def v2_runner_on_skipped(self, result):
        self.tell(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self.tell(result, 'failed')
