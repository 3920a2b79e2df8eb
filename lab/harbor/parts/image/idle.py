"""jobservice and registryctl: they answer that they are well, and have nothing else to do in the stand-in."""
from web import Handler, serve


class Idle(Handler):
    def answer(self):
        self.reply(200, "healthy" if self.path.startswith("/api/health") else {"status": "healthy"})


serve(8080, Idle)
