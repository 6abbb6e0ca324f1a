// A wallet for tests, announced by EIP-6963: every question goes to the test, which answers.
(() => {
  const listeners = {};
  const provider = {
    async request({ method, params }) {
      const asked = JSON.stringify({ method, params: params ?? [] });
      const answer = JSON.parse(await window.__testWallet(asked));
      if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
      return answer.result;
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    removeListener: (event, listener) => {
      listeners[event] = (listeners[event] ?? []).filter((each) => each !== listener);
    },
  };
  window.__emit = (event, value) => (listeners[event] ?? []).forEach((listener) => listener(value));
  const info = {
    uuid: "350670db-19fa-4704-a166-e52e178b59d2",
    name: "Test wallet <b>",
    icon: "data:text/html,<script>alert(1)</script>",
    rdns: "test.plumbline",
  };
  const detail = Object.freeze({ info, provider });
  const announce = () =>
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
