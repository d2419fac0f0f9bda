//! A server behind a link: what goes there and back is counted. A round trip begins where the client speaks after the server did.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The goodbye of a client, for which nobody waits.
const GOODBYE: [u8; 5] = [b'X', 0, 0, 0, 4];

#[derive(Default)]
struct Count {
    trips: usize,
    connections: usize,
}

pub struct Proxy {
    pub port: u16,
    count: Arc<Mutex<Count>>,
}

impl Proxy {
    /// In front of the server at this port, until the program ends.
    pub fn before(port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy {
            port: listener.local_addr().unwrap().port(),
            count: Arc::default(),
        };
        let count = Arc::clone(&proxy.count);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                count.lock().unwrap().connections += 1;
                pass(client, port, &count);
            }
        });
        proxy
    }

    /// The round trips since somebody last asked, and the connections, each of which begins with one.
    pub fn take(&self) -> (usize, usize) {
        let count = std::mem::take(&mut *self.count.lock().unwrap());
        (count.trips, count.connections)
    }
}

/// Passes on what both say.
fn pass(client: TcpStream, port: u16, count: &Arc<Mutex<Count>>) {
    let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    for end in [&client, &server] {
        end.set_nodelay(true).unwrap();
    }
    // Whether the server spoke last.
    let answered = Arc::new(Mutex::new(true));
    let (from_client, to_client) = (client.try_clone().unwrap(), client);
    let (from_server, to_server) = (server.try_clone().unwrap(), server);
    let (count, spoken) = (Arc::clone(count), Arc::clone(&answered));
    thread::spawn(move || {
        carry(from_client, to_server, |said| {
            let mut answered = spoken.lock().unwrap();
            if *answered && said != GOODBYE {
                count.lock().unwrap().trips += 1;
            }
            *answered = false;
        });
    });
    thread::spawn(move || {
        carry(from_server, to_client, |_| *answered.lock().unwrap() = true);
    });
}

fn carry(mut from: TcpStream, mut to: TcpStream, mut seen: impl FnMut(&[u8])) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        seen(&bytes[..length]);
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
