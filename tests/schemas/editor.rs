//! An editor, as far as a language server sees one: it talks to Taplo's server, in this process, in the server's
//! own protocol.

use futures::SinkExt as _;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use lsp_async_stub::Server;
use lsp_async_stub::rpc::Message;
use serde_json::{Value, json};
use taplo_common::environment::native::NativeEnvironment;
use taplo_lsp::world::World;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

pub(crate) struct Editor {
    runtime: Runtime,
    tasks: LocalSet,
    server: Server<World<NativeEnvironment>>,
    world: World<NativeEnvironment>,
    requests: i32,
}

/// Something that the server marks: its line (from 0), and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    pub(crate) line: usize,
    pub(crate) says: String,
}

impl Editor {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let world = {
            let _inside = runtime.enter();
            taplo_lsp::create_world(NativeEnvironment::new())
        };
        let server = taplo_lsp::create_server();
        let mut editor = Self { runtime, tasks: LocalSet::new(), server, world, requests: 0 };
        let answer = editor.request("initialize", &json!({ "capabilities": {} }));
        assert_eq!(answer["serverInfo"]["name"], "Taplo");
        // Offline: schemas come from files alone.
        let settings = json!({ "schema": { "catalogs": [] } });
        editor.send("workspace/didChangeConfiguration", None, &json!({ "settings": settings }));
        editor
    }

    /// Opens a document and returns what is marked in it. It need not be on the disk.
    pub(crate) fn open(&mut self, uri: &str, text: &str) -> Vec<Mark> {
        let document = json!({ "uri": uri, "languageId": "toml", "version": 1, "text": text });
        let sent = self.send("textDocument/didOpen", None, &json!({ "textDocument": document }));
        let mut published = sent
            .into_iter()
            .filter(|message| message.method.as_deref() == Some("textDocument/publishDiagnostics"));
        // Published as they are found, each time all of them.
        let last = published.next_back().expect("diagnostics are published").params.unwrap();
        let marks = last["diagnostics"].as_array().unwrap().iter().map(|diagnostic| Mark {
            line: diagnostic["range"]["start"]["line"].as_u64().unwrap() as usize,
            says: diagnostic["message"].as_str().unwrap().to_owned(),
        });
        marks.collect()
    }

    /// What is offered at a place of an open document (from 0), with its documentation.
    pub(crate) fn complete(&mut self, uri: &str, (line, character): (usize, usize)) -> Vec<(String, String)> {
        let answer = self.request("textDocument/completion", &at(uri, line, character));
        let items = answer.as_array().unwrap_or_else(|| panic!("{answer}")).iter();
        let item = |item: &Value| {
            let documentation = item["documentation"]["value"].as_str().unwrap_or_default();
            (item["label"].as_str().unwrap().to_owned(), documentation.to_owned())
        };
        items.map(item).collect()
    }

    /// What is shown over a place of an open document.
    pub(crate) fn hover(&mut self, uri: &str, (line, character): (usize, usize)) -> String {
        let answer = self.request("textDocument/hover", &at(uri, line, character));
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let sent = self.send(method, Some(self.requests), params);
        let answer = sent.into_iter().find(Message::is_response).expect("an answer");
        assert!(answer.error.is_none(), "{method}: {:?}", answer.error);
        answer.result.unwrap_or_default()
    }

    /// Sends one message; what the server sends until it is done with it.
    fn send(&mut self, method: &str, id: Option<i32>, params: &Value) -> Vec<Message> {
        let message = json!({ "jsonrpc": "2.0", "method": method, "id": id, "params": params });
        let (outbox, mut inbox) = unbounded();
        let outbox = outbox.sink_map_err(std::io::Error::other);
        let handled =
            self.server.handle_message(self.world.clone(), serde_json::from_value(message).unwrap(), outbox);
        self.tasks.block_on(&self.runtime, handled).unwrap();
        received(&mut inbox)
    }
}

fn received(inbox: &mut UnboundedReceiver<Message>) -> Vec<Message> {
    std::iter::from_fn(|| inbox.try_recv().ok()).collect()
}

fn at(uri: &str, line: usize, character: usize) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}
